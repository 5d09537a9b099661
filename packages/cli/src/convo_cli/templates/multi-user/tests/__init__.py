"""Tests of the app and its users."""
