"""How is a value written so that equal values are equal text?"""

import json


def dumps(value: object) -> str:
    """Compact JSON with sorted names: stored texts are compared to tell what changed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
