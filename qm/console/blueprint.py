"""The blueprint of all pages."""

from flask import Blueprint

blueprint = Blueprint("console", __name__, template_folder="templates")
