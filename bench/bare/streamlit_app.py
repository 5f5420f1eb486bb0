"""The barest page: what every measure of the lesson is held against."""

import streamlit as st

st.title("A bare page")
value = st.slider("Value", 0, 100, 50)
st.markdown(f"The value is {value}.")
