"""The only part of the lesson that knows Streamlit."""
