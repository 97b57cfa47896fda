"""The shape of what people may submit about people, by subject."""
