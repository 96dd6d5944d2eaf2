# The processor model. Links with libconvert.
