# Links of the guides as they are in share/doc/timele-load, where all guides stand beside each other.
# For sed -E -z: a link may begin on one line and end on the next.

# As seen from docs/.
s,\]\((docs|contrib|schema\.sql|[A-Z][A-Za-z]*(\.md)?[)#]|\.?[a-z]+/),](../\1,g

s,\]\(\.\./docs/,](,g
s,\]\(\.\./contrib/?,](examples/,g
s,\]\(\.\./schema\.sql\),](../../timele-load/schema.sql),g
s,\]\(\.\./README\.md,](README.md,g
s,\]\(report\.schema\.json\),](../../timele-load/report.schema.json),g

# What is not installed is only named.
s,\[([^][]*)\]\((\.\./[^.)][^)]*|\.\./\.[^.)][^)]*|torture\.md[^)]*)\),\1,g
