"""Builds the two layers of template.yaml as they run on Lambda; the layers' Makefiles call it, and SAM CLI calls those.

``python -m tools.layer_build dependencies`` installs the pinned wheels for the functions' processor, leaves out what
no function uses, trims botocore's data to the operations that are called, and compiles. ``taskapi`` copies our own
package and compiles it. Both import nothing but the standard library: plain ``sam build`` runs them with whatever
Python 3.11 or newer there is.
"""
