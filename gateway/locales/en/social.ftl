# The file's area is its name; see common.ftl for the conventions.
