"""What people write: encodings, numbers and dates as text, read by evidence."""
