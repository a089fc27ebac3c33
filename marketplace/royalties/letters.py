"""What the parties are told by mail: nothing that a forwarded mail should not show."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.deals.letters import Letter, letter

OVERDUE = letter(
    "The day of a milestone has passed",
    "A milestone of the deal {deal} was due on {due} and is not accepted yet.",
    "里程碑已到期",
    "交易{deal}的一项里程碑已于{due}到期，尚未获接受。",
)
# By topic, to the side that did not act.
TOLD: Mapping[str, Letter] = {
    "milestone.submit": letter(
        "A milestone was shown to you",
        "Please accept or dispute the milestone of the deal {deal}.",
        "对方已提交里程碑证明",
        "请接受或质疑交易{deal}的里程碑。",
    ),
    "milestone.accept": letter(
        "Your milestone was accepted",
        "The milestone of the deal {deal} was accepted and is invoiced.",
        "贵方的里程碑已获接受",
        "交易{deal}的里程碑已获接受，账单已开具。",
    ),
    "milestone.dispute": letter(
        "Your milestone was disputed",
        "The milestone of the deal {deal} was disputed; the reason stands beside it.",
        "贵方的里程碑受到质疑",
        "交易{deal}的里程碑受到质疑；理由见平台。",
    ),
    "royalty_statement.submit": letter(
        "A royalty statement waits for you",
        "Please accept or dispute the royalty statement of the deal {deal}.",
        "有提成费报表待贵方确认",
        "请接受或质疑交易{deal}的提成费报表。",
    ),
    "royalty_statement.dispute": letter(
        "Your royalty statement was disputed",
        "The royalty statement of the deal {deal} was disputed; the reason stands beside it.",
        "贵方的提成费报表受到质疑",
        "交易{deal}的提成费报表受到质疑；理由见平台。",
    ),
    "audit.request": letter(
        "An audit of your books was requested",
        "The licensor of the deal {deal} has your books audited from {due} on.",
        "对方请求审计贵方账簿",
        "交易{deal}的许可方将于{due}起审计贵方账簿。",
    ),
}
