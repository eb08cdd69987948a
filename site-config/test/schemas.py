"""The samples must satisfy the JSON schemas, and files with an error that a schema can see must not."""
import json
import pathlib
import sys

import jsonschema
import yaml

HERE = pathlib.Path(__file__).resolve().parent.parent
CASES = HERE.parent / "policy/src/test/resources"
# What only the program sees: places on disk, uniqueness, spellings, marks, documents.
UNSEEN = {
    "activated-words", "anchors-and-aliases", "bad-mounts", "byte-order-mark", "duplicate-keys", "duplicates", "merge-key",
    "version-in-hex",
}


def documents(file):
    try:
        return list(yaml.safe_load_all(file.read_text()))
    except (yaml.YAMLError, UnicodeDecodeError):
        return []


def main():
    wrong = []
    for name, refused in (("policy", "refused"), ("dunnage", "refused-site")):
        schema = json.loads((HERE / f"share/{name}.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        good = [HERE / f"etc/{name}.yaml", *sorted(CASES.glob(f"accepted/*/{name}.yaml"))]
        for file in good:
            if file.parent.name == "spellings":
                continue  # digits and words without quotes: a text to the program, a number to other readers
            for error in validator.iter_errors(documents(file)[0]):
                wrong.append(f"{file}: {error.message}")
        seen = 0
        for file in sorted(CASES.glob(f"{refused}/*/{name}.yaml")):
            found = documents(file)
            if len(found) != 1 or file.parent.name in UNSEEN:
                continue
            seen += 1
            if validator.is_valid(found[0]):
                wrong.append(f"{file}: the schema accepts it")
        if seen < 3:
            wrong.append(f"{name}: only {seen} refused files were tried")
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
