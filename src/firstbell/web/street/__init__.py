"""For anybody with a code: report, self-help, receipt, status. One column, no account."""
