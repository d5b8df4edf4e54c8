"""For the school: scan line, queue, device, person, swap, loaners, closet, hand-back."""
