"""Who may see which field: for test_disclosure.py, which fails on a field without a rule."""

from __future__ import annotations

# By type: fields that all may see of what they may see at all; `named`, unless it is anonymous;
# `introduced`, buyers whose enquiry was accepted; `sworn`, those with an NDA in force; `party`,
# both sides of a deal and their brokers; `finance`, the finance of issuer and payer, and operators;
# `operator`, operators alone;
# `inside`, members and operators; `self`, only about oneself.
RULES: dict[str, dict[str, str]] = {
    "Listing": {
        "public": "id state kind anonymous originalLanguage text texts advantages trl iprStatus"
        " fieldsOfUse ipc sdgs industry exclusivity territories periodMonths priceModel price"
        " availability isSample publishedAt expiresAt createdAt availableActions",
        "named": "owner patents",
        "introduced": "contactName contactEmail",
        "sworn": "confidential",
        "inside": "revision history priorityReview",
    },
    "Deal": {
        "party": "id state revision listing buyer need application fit plan enquiredAt dueAt"
        " answeredAt declineReason note level ndas ndaInForce negotiation agreements dossier events"
        " createdAt mySides availableActions",
        "introduced": "licensor",
    },
    "DealEvent": {
        "party": "number kind at facts previous sha256",
        "introduced": "by organisation mandate",
    },
    "Agreement": {
        "party": "id state terms document signedAt activatedAt endedAt reason revision amendments"
        " disputes availableActions",
        "inside": "schedule",
    },
    "Schedule": {"inside": "milestones royaltyStatements audits dues"},
    "Milestone": {
        "inside": "id what evidence due amount state submittedBy shown fileName fileSha256 reason"
        " invoice revision availableActions"
    },
    "RoyaltyStatement": {
        "inside": "id start end year units netSales amount state submittedBy corrects lines note"
        " reason invoice createdAt availableActions"
    },
    "SalesLine": {"inside": "product territory units netSales"},
    "Audit": {
        "inside": "id state start end auditor requestedOn beginsOn findings availableActions"
    },
    "Due": {"inside": "kind text textZh amount invoice"},
    "ExpressOffer": {"public": "terms months sha256 signedAt"},
    "Invoice": {
        "finance": "id state number issuer payer agreement lines total outstanding issuedOn dueOn"
        " wireReference wireInstructions papers taxCertificates pdf onHold payments routes"
        " createdAt availableActions",
        "operator": "review reviews",
    },
    "Review": {"operator": "found outcome reviewedBy createdAt"},
    "Refund": {
        "finance": "id state amount reason byWire bankReference requestedBy confirmedBy invoice"
        " createdAt"
    },
    "Allocation": {
        "finance": "id state role party method amount returned sent releasedOn bankReference"
        " bankAccount failure invoice createdAt",
        "operator": "proposedBy",
    },
    "PayoutStatus": {
        "finance": "organisation currency rail reason canBePaid missing country stripeAccount"
        " transfersEnabled"
    },
    "CommissionStatement": {"finance": "organisation start end lines totals csv pdf"},
    "CommissionLine": {"finance": "releasedOn invoice role paid rate amount givenBack"},
    "TrialLine": {"operator": "account name debits credits balance"},
    "Posting": {"operator": "ref bookedOn memo balanceTransaction entries createdAt"},
    "Entry": {"operator": "account party amount"},
    "Alarm": {"operator": "id kind subject message outcome closedBy closedAt createdAt"},
    "WireInstructions": {"finance": "holder bank number swift reference amount"},
    "InvoicePaper": {"finance": "id kind name mediaType sha256 createdAt link"},
    "TaxCertificate": {
        "finance": "id state number amount issuedOn paper refused submittedBy approvedBy invoice"
        " createdAt"
    },
    "BankLine": {
        "operator": "id state bankReference bookedOn amount payer text invoice proposedBy"
        " approvedBy createdAt"
    },
    "BankAccount": {
        "finance": "id organisation currency holder bank number swift enteredBy approvedBy"
        " approvedAt refused createdAt"
    },
    "InvoiceLine": {"finance": "kind text textZh amount"},
    "Payment": {"finance": "id method state amount received returned refunds createdAt"},
    "PaymentRoute": {"public": "method possible reason parts"},
    "Statement": {"finance": "organisation start end opening lines closing csv pdf"},
    "StatementLine": {"finance": "bookedOn ref memo amount balance"},
    "Dispute": {
        "party": "id state raisedBy claim answer case outcome createdAt revision availableActions"
    },
    "Amendment": {"party": "id number state terms document inForceAt availableActions"},
    "RoomFile": {
        "party": "id folder name owner classification persons underGbaContract size sha256"
        " mediaType state scan reason chunkBytes chunksMissing createdAt",
        "inside": "access openings",
    },
    "RoomAccess": {"inside": "organisation expiresAt revokedAt inForce"},
    "RoomOpening": {"inside": "organisation reader at address"},
    "Negotiation": {"party": "state offers accepted lockedUntil comments availableActions"},
    "Offer": {
        "party": "number side organisation terms patents sha256 message madeAt differences"
        " grossToNet findings law seat"
    },
    "Terms": {
        "party": "exclusivity knowHow territories fieldsOfUse acts start end sublicensable currency"
        " upfront milestones royalty lateInterest grossUp improvements grantBack grantBackFee audit"
        " auditNoticeDays challengeAllowed governingLaw seat rules language special"
    },
    "TermsMilestone": {"party": "what evidence due amount"},
    "Royalty": {"party": "base tiers minimumAYear cap"},
    "RoyaltyTier": {"party": "above rate"},
    "Comment": {"party": "organisation author text madeAt"},
    "Nda": {"party": "id document purpose termMonths signedAt endsAt"},
    "Document": {
        "party": "number titleEn titleZh textEn textZh sha256 templates signatures unsignedBy pdf"
    },
    "Signature": {"party": "organisation typedName signedAt sha256"},
    "Mandate": {
        "party": "id principal centre state acts listings startsOn endsOn commissionBp createdAt"
        " revision availableActions"
    },
    "EnquiryQuestion": {"public": "name text limit"},
    "Organisation": {
        "public": "id name nameZh kinds jurisdiction city zone website hkMacaoInvested isSample"
        " verification verifiedUntil medianAnswerHours availableActions",
        "inside": "registrationNumber revision members evidence",
    },
    "Need": {
        "public": "id state anonymous language title description mustHaves mustWords notOfInterest"
        " kinds iprStatuses trlMin trlMax territories exclusivity ipc deadline isSample createdAt"
        " availableActions",
        "named": "organisation",
        "inside": "budget revision history",
    },
    "Patent": {
        "public": "id office docdb applicationNumber publicationNumbers titleEn titleHans titleHant"
        " titleOther abstractEn abstractHans abstractHant applicants inventors ipc cpc priorityDate"
        " filingDate publicationDate grantDate events status simpleFamily extendedFamily"
    },
    "SearchHit": {
        "public": "id title summary excerpt language textStatus kind trl iprStatus exclusivity"
        " territories ipc industry sdgs priceModel price isSample publishedAt listing",
        "named": "ownerName ownerJurisdiction patentNumbers",
    },
    "User": {"self": "id name email language timeZone"},
    "Membership": {"inside": "user organisation roles"},
    "Evidence": {"inside": "kind reference note createdAt decidedAt decisionNote"},
    "Viewer": {"self": "user memberships isOperator"},
    "ListingText": {"public": "language status title summary description problem"},
    "Advantage": {"public": "metric value unit comparator"},
    "ListingEvent": {"inside": "move source target reason createdAt"},
    "NeedEvent": {"inside": "move source target createdAt"},
    "LegalEvent": {"public": "territory kind on source"},
    "TerritoryStatus": {"public": "territory status"},
    "Availability": {"public": "territories cover left free", "named": "coverUntil"},
    "FreeRight": {"public": "fieldOfUse exceptFields acts exclusivities start until"},
    "FieldName": {"public": "path joinedTo"},
    "Occupation": {
        "party": "id kind assetKind patentNumber owner holder exclusivity territories fieldsOfUse"
        " acts start until standsFrom standsUntil subject createdAt availableActions"
    },
    "Money": {"public": "amount currency"},
    "PageInfo": {"public": "hasNextPage hasPreviousPage startCursor endCursor"},
    "SearchConnection": {"public": "edges pageInfo totalCount facets didYouMean warnings degraded"},
    "SearchEdge": {"public": "node cursor score highlights why familySize"},
    "IpcSuggestion": {"public": "symbol title share"},
    "SynonymGroup": {"inside": "id words updatedAt"},
    "Ground": {"public": "kind asked found fields share sentence"},
    "Highlight": {"public": "field fragment"},
    "Facet": {"public": "name buckets"},
    "FacetBucket": {"public": "value count"},
    "Suggestions": {"public": "words listings"},
    "SuggestedListing": {"public": "id title"},
    "Matches": {"public": "matches excluded degraded"},
    "Match": {"public": "listing need score familySize components reasons why exclusions"},
    "MatchComponent": {"public": "name points of"},
    "SavedSearch": {
        "self": "id name text filters need frequency channel webhookUrl webhookSecret active nextAt"
        " createdAt"
    },
    "SavedFilters": {
        "self": "kind ipc ipcSection ipcSubclass trl territory exclusivity jurisdiction industry"
        " sdg year price"
    },
    "SavedPrice": {"self": "currency least most"},
    "SimilarListing": {"public": "node why familySize"},
    "ListingDuplicate": {"operator": "listing sameOwner numbers family likeness reasons"},
    "MatchDecline": {"self": "id need listing reasons declinedAt"},
    "Analytics": {"inside": "weeks listings feedback"},
    "AnalyticsWeek": {"inside": "startsOn impressions opens enquiries medianAnswerHours declines"},
    "AnalyticsListing": {"inside": "listing impressions opens enquiries"},
    "DeclineCount": {"inside": "reason buyers"},
    "ListingFeedback": {"inside": "listing reason buyers advice"},
    "Alert": {"self": "id savedSearch listing createdAt sentAt"},
    "CatalogueSuggestion": {"public": "code prohibited name points score words answer"},
    "Dossier": {
        "party": "id licensor licensee title technology amount terms licensorTax files effectiveOn"
        " firstRoyaltyOn state revision classifications tasks papers assessments createdAt"
    },
    "Classification": {
        "party": "id direction cause state code note licenceNumber licenceExpiresOn decidedBy"
        " suggestions availableActions"
    },
    "RegisterTask": {
        "party": "id register rule responsible compulsory documents dueOn state availableActions"
    },
    "Paper": {"party": "id kind name number issuedOn mediaType sha256 uploadedBy createdAt link"},
    "Assessment": {"party": "id on checks digest signOffs overrides createdAt notice"},
    "RiskCheck": {"party": "name verdict absolute status rules reasons"},
    "SignOff": {"party": "side user createdAt"},
    "Override": {"party": "id checkName reason askedBy agreedBy"},
    "RemittanceBundle": {"party": "papers missing answer zip"},
    "Obstacle": {"party": "reason"},
    "WantedPaper": {"party": "kind paper"},
    "Programme": {"public": "key name months effects answer"},
    "ProgrammeEffects": {"public": "listingFeeBp commissionBp priorityReview"},
    "GrantedEffects": {"inside": "listingFeeBp commissionBp priorityReview rules status"},
    "Price": {"inside": "commissionBp listingFee rules"},
    "ProgrammeApplication": {
        "inside": "id organisation programme state facts rules startsOn endsOn note createdAt"
        " availableActions"
    },
    "SupplierCertificate": {
        "inside": "id organisation sector number expiresOn evidence state note createdAt"
        " availableActions"
    },
    "RestrictedParty": {"operator": "listName reference names country note listed"},
    "ScreeningHit": {
        "operator": "id organisation party ownName listedName score reason state note decidedBy"
        " decidedAt createdAt"
    },
    "Rule": {
        "public": "id key jurisdiction validFrom validTo status origin source citation checkedOn"
        " parameters says"
    },
    "RuleCount": {"public": "status count"},
    "RuleAnswer": {"public": "key on value status rules reasons notice"},
    "TaxLine": {"public": "tax base rateBp amount answer"},
    "ExchangeRate": {"public": "base quote rate on source"},
    "GrossToNet": {"public": "on gross net base lines exchange status rules reasons notice"},
    "GoverningLaw": {"public": "law seat institutions"},
    "Institution": {"public": "name rules seats answer"},
    "DataGate": {"public": "outcome open conditions answer"},
    "ClauseFinding": {"public": "code severity words reason wording answer"},
    "Deadline": {"public": "name dueOn answer"},
    "UserError": {"public": "code message field"},
    **{
        f"{name}{kind}": {"public": fields}
        for name in (
            "Listing",
            "Need",
            "Deal",
            "Mandate",
            "SavedSearch",
            "Alert",
            "MatchDecline",
            "Occupation",
            "RoomFile",
            "Dossier",
            "ProgrammeApplication",
            "SupplierCertificate",
            "ScreeningHit",
            "Invoice",
            "BankLine",
            "TaxCertificate",
            "BankAccount",
            "Refund",
            "Alarm",
            "Allocation",
            "Posting",
        )
        for kind, fields in (("Connection", "edges pageInfo totalCount"), ("Edge", "node cursor"))
    },
}
OWNERS = {"insider", "operator"}
INTRODUCED = OWNERS | {"introduced", "sworn"}
SECRETS = {  # who may read each, wherever in the schema it turns up
    "Secretive Owner Ltd": INTRODUCED | {"centre"},  # whose mandate it holds
    "Secretive Buyer Ltd": {"buyer", "operator"},
    "US.9999999.B2": INTRODUCED,
    "Secretive Applicant": INTRODUCED,
    "Contact-of-secrets": INTRODUCED,
    "Sinter at 1,140 degrees": OWNERS | {"sworn"},
    "Waiting Buyer Ltd": OWNERS | {"waiting"},
    "Introduced Buyer Ltd": OWNERS | {"introduced"},
    "Sworn Buyer Ltd": OWNERS | {"sworn", "cashier"},  # who has its invoice
    "Secret-purpose-of-the-NDA": OWNERS | {"sworn"},
    "Signer-of-secrets": OWNERS | {"sworn"},
    "Secret-term": OWNERS | {"sworn"},
    "Secret-CEPA-certificate": {"insider", "operator"},
    "Secret-sanction": {"operator"},
    "Secret-paper": OWNERS | {"sworn"},
    "Secret-amendment": OWNERS | {"sworn"},
    "Secret-granted-file": {"insider", "sworn"},
    "Secret-kept-file": {"insider"},
    "203.0.113.99": {"insider"},  # where a file was opened
    "Secret-claim": OWNERS | {"sworn"},
    "Secret-milestone": OWNERS | {"sworn"},  # no broker, as of all that hangs on a schedule
    "Secret-product": OWNERS | {"sworn"},
    "Secret-auditor": OWNERS | {"sworn"},
    "Secret-line": {"cashier", "operator"},
    "Secret-advice": {"cashier", "operator"},
    "Secret-certificate": {"cashier", "operator"},
    "Secret-bank-line": {"operator"},
    "Secret-wire-of-a-share": {"cashier", "operator"},
    "Secret-posting": {"operator"},
    "Secret-refund": {"cashier", "operator"},
    "Secret-review": {"operator"},
    "Secret-alarm": {"operator"},
    "Secret-bank-of-the-issuer": {"cashier", "operator"},
    "Secret-comment": OWNERS | {"sworn"},
    "Secret-application": OWNERS | {"waiting", "introduced", "sworn"},
    "Secret-note-of-the-deal": OWNERS | {"introduced"},
    "Mandated Centre Ltd": OWNERS | {"centre"},
    "Secret-search-of-the-buyer": {"buyer"},
    "agreement:secret-cause": OWNERS | {"sworn"},
    "2039-07-13": INTRODUCED,  # when the term of the patent ends
    "11223344": {"insider", "operator"},  # registration number
    "BR-EVIDENCE-77": {"insider", "operator"},
    "777000111": {"buyer", "operator"},  # budget
    "NO_CAPACITY": {"buyer", "operator"},  # why a match was declined
    "no capacity now": {"buyer", "operator"},
    "42424242": {"insider", "operator"},  # impressions
    "owner-of-secrets@example.com": {"insider", "operator"},
}
