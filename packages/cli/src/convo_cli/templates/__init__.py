"""The projects that `convo create` begins with, each in the folder of its name; `convo.templates` names them.

They are no modules of convo's: whatever is in a folder is copied, with the project's name in place of `my-app` and
`My app`.
"""

__all__: list[str] = []
