"""Types by a row of a table: one call makes them, one changes them, one deletes them, and the API's names are CloudFormation's.

A row is a class without code. What an API wants otherwise is said by its fields; what is more than that is a Type of its own.
"""
from registry import Type, client, gone, pairs


class Row(Type):
    """service: boto3's name. create, change, remove: operations, in boto3's spelling; change "" if nothing can be changed in place.
    made: path of the physical id in create's answer; "" if it is made of the properties in keys, joined by |.
    keys: names of the parameters by which change and remove find it; the first is the physical id if made is given, the rest are properties.
    renamed: API names of properties that have another one there. whole: change wants all properties that it takes, not only the mutable ones.
    region: of the API, if it has one place only. tags: how tags are given, "arn" for tag_resource(ResourceArn, Tags), "create" for create's Tags.
    attributes: path in look's answer, by CloudFormation's name."""
    service, create_, change, remove, made, keys, region, tags = "", "", "", "", "", "", "", ""
    renamed, attributes, look = {}, {}, ""
    tagged = False

    def call(self, c, operation, **parameters):
        return getattr(client(self.service, self.region or c.region), operation)(**parameters)

    def api(self, p, names):
        return {self.renamed.get(k, k): v for k, v in p.items() if k in names}

    def key(self, pid, p):
        first, *rest = self.keys.split()
        if not self.made:
            first, rest = None, self.keys.split()
        return {**({first: pid} if first else {}), **{k: p[k] for k in rest}}

    def create(self, c, p):
        self.allow(c, p)
        out = self.call(c, self.create_, **self.api(p, self.properties.split()), **self.more(c, p))
        if not self.made:
            return "|".join(str(p[k]) for k in self.keys.split())
        return path(out, self.made)

    def allow(self, c, p):
        """Refuses what the API's stand-in would take."""

    def more(self, c, p):
        """Parameters of create that are no property."""
        return {}

    def update(self, c, pid, old, new):
        self.allow(c, new)
        self.call(c, self.change, **{**self.api(new, self.mutable.split()), **self.key(pid, new)})

    def delete(self, c, pid, p):
        self.call(c, self.remove, **self.key(pid, p))

    def tag(self, c, pid, old, new):
        name = "ResourceARN" if self.tags == "ARN" else "ResourceArn"
        self.call(c, "tag_resource", **{name: pid, "Tags": pairs(new)})
        if gone(old, new):
            self.call(c, "untag_resource", **{name: pid, "TagKeys": gone(old, new)})

    def attribute(self, c, pid, p, name):
        if name in self.attributes:
            return path(self.call(c, self.look, **self.key(pid, p)), self.attributes[name])
        return super().attribute(c, pid, p, name)


def path(value, names):
    for name in names.split("."):
        value = value[int(name)] if name.isdigit() else value[name]
    return value
