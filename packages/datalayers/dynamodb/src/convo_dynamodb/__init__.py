"""History of a convo app in Amazon DynamoDB."""

from convo_dynamodb._version import __version__
from convo_dynamodb.layer import DynamoDBDataLayer

__all__ = ["DynamoDBDataLayer", "__version__"]
