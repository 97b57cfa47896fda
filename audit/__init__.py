"""The append-only record of who did what, and the key ring; knows no other app."""
