"""What commands share in printing: text, tables of findings, plots and progress bars."""
