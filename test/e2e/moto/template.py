"""CloudFormation's intrinsic functions. What is not here is refused, so that nothing is skipped in silence."""
import base64
import os
import re

FUNCTIONS = {}


class Refused(Exception):
    """What CloudFormation, or this emulation of it, does not take. The message is the reason that the user sees."""


def function(name):
    def register(f):
        FUNCTIONS[name] = f
        return f
    return register


class Resolver:
    """Resolves values of one template. world answers ref, get_att, import_value and stack_output."""

    def __init__(self, template, parameters, world):
        self.conditions, self.parameters, self.world = template.get("Conditions", {}), parameters, world
        self.mappings = template.get("Mappings", {})

    def resolve(self, value):
        if isinstance(value, list):
            return [r for r in (self.resolve(v) for v in value) if r is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), = value.items()
            if name in FUNCTIONS:
                return FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise Refused(f"unknown intrinsic function {name}")
        resolved = {k: self.resolve(v) for k, v in value.items()}
        return {k: v for k, v in resolved.items() if v is not None}

    def present(self, value):
        """Whether a property is there at all, which conditions decide before anything exists."""
        if isinstance(value, dict) and "Fn::If" in value:
            name, yes, no = value["Fn::If"]
            return self.present(yes if self.holds(name) else no)
        return value != {"Ref": "AWS::NoValue"}

    def holds(self, name):
        """Whether a condition holds; no name is no condition."""
        return name is None or self.condition(self.conditions[name])

    def condition(self, c):
        (name, argument), = c.items()
        if name == "Condition":
            return self.holds(argument)
        if name == "Fn::Equals":
            return self.resolve(argument[0]) == self.resolve(argument[1])
        if name == "Fn::Contains":
            return self.resolve(argument[1]) in self.resolve(argument[0])
        if name == "Fn::Not":
            return not self.condition(argument[0])
        if name in ("Fn::And", "Fn::Or"):
            return (all if name == "Fn::And" else any)(self.condition(a) for a in argument)
        raise Refused(f"unknown condition function {name}")


@function("Ref")
def _ref(r, name):
    if name == "AWS::NoValue":
        return None
    return r.parameters[name] if name in r.parameters else r.world.ref(name)


@function("Fn::GetAtt")
def _get_att(r, argument):
    name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
    return r.world.get_att(name, attribute)


@function("Fn::Join")
def _join(r, argument):
    return argument[0].join(str(v) for v in r.resolve(argument[1]))


@function("Fn::Split")
def _split(r, argument):
    return r.resolve(argument[1]).split(argument[0])


@function("Fn::Base64")
def _base64(r, argument):
    return base64.b64encode(r.resolve(argument).encode()).decode()


@function("Fn::Select")
def _select(r, argument):
    return r.resolve(argument[1])[int(argument[0])]


@function("Fn::If")
def _if(r, argument):
    return r.resolve(argument[1 if r.holds(argument[0]) else 2])


@function("Fn::Sub")
def _sub(r, argument):
    text, names = argument if isinstance(argument, list) else (argument, {})

    def value(match):
        name = match[1]
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in names:
            return str(r.resolve(names[name]))
        return str(_get_att(r, name) if "." in name else _ref(r, name))
    return re.sub(r"\$\{([^}]+)\}", value, text)


@function("Fn::ImportValue")
def _import_value(r, name):
    return r.world.import_value(r.resolve(name))


@function("Fn::GetStackOutput")
def _stack_output(r, argument):
    return r.world.stack_output(r.resolve(argument))


def references(value):
    """The logical ids and parameters that a value names."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, argument in value.items():
        if name == "Ref":
            found.add(argument)
        elif name == "Fn::GetAtt":
            found.add(argument[0] if isinstance(argument, list) else argument.split(".")[0])
        elif name == "Fn::Sub":
            text = argument[0] if isinstance(argument, list) else argument
            found |= {n.split(".")[0] for n in re.findall(r"\$\{([^!}][^}]*)\}", text)}
            found |= references(argument[1:] if isinstance(argument, list) else [])
        else:
            found |= references(argument)
    return found


def in_order(resources):
    """Logical ids in the order of creation: what a resource needs, by reference or DependsOn, comes before it.

    CloudFormation makes no other promise. So what may be in any order is in the template's, or, while the file
    E2E_BACKWARDS is there, in the reverse: what is needed and not declared comes too late in one of them.
    """
    names = list(resources)
    if os.path.exists(os.environ["E2E_BACKWARDS"]):
        names.reverse()
    order, open_ = [], set()

    def visit(name):
        if name in order:
            return
        if name in open_:
            raise Refused(f"circular dependency at {name}")
        open_.add(name)
        declared = resources[name]
        after = declared.get("DependsOn", [])
        needed = references(declared.get("Properties", {})) | set([after] if isinstance(after, str) else after)
        for other in names:
            if other in needed:
                visit(other)
        order.append(name)
    for name in names:
        visit(name)
    return order
