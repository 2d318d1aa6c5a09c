"""Delivery status notifications as mail servers send them."""

REPORT = """\
From: MAILER-DAEMON@mail.example.jp (Mail Delivery System)
To: no-reply@portal.example.jp
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

The mail system: <{recipient}>: host mx.example.jp said: 550 5.1.1 User unknown

--b
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.jp
Arrival-Date: Tue, 6 Apr 2027 09:30:00 +0900 (JST)

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <{recipient}>: Recipient address rejected: User unknown

--b
Content-Description: Undelivered Message
Content-Type: {kind}

Message-ID: {message_id}
From: no-reply@portal.example.jp
To: {recipient}
Subject: x

--b--
"""


def report(
    message_id: str = "<1@portal.example.jp>",
    recipient: str = "hanako@example.jp",
    *,
    action: str = "failed",
    status: str = "5.1.1",
    kind: str = "message/rfc822",
) -> bytes:
    text = REPORT.format(message_id=message_id, recipient=recipient, action=action, status=status, kind=kind)
    return (text if message_id else text.replace("Message-ID: \n", "")).encode()
