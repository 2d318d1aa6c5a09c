"""The only writers. One operation per verb; each says who and when, and doing it twice is harmless."""
