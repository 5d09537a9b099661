"""`convo doctor`: what an app needs, looked at before it is missed."""
