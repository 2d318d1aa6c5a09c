"""The way to Zoom: what the portal may ask for (``port``) and the one client that asks it (``zoom``). No models and no Django in here."""
