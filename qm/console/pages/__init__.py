"""One module a page, with its views; its templates are in the folder of the same name."""
