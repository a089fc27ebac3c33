from marketplace.core.workflow import Workflow, move

from .models import Organisation

V = Organisation.Verification
VERIFICATION = Workflow(
    move("submit", (V.UNVERIFIED, V.REJECTED, V.VERIFIED), V.PENDING, "admin"),
    move("verify", V.PENDING, V.VERIFIED, "operator"),
    move("reject", V.PENDING, V.REJECTED, "operator"),
    move("revoke", V.VERIFIED, V.UNVERIFIED, "operator"),
    move("lapse", V.VERIFIED, V.UNVERIFIED, "system"),
)
