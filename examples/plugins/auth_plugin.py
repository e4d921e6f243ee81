#!/usr/bin/env python3
"""A validation plugin: only those of the team `approver` run what it is asked about.

The control plane asks it after its policies, with the question and their answer as JSON on standard input, and reads one
JSON object from standard output. It can make the answer stricter and nothing else. docs/PLUGINS.md has the whole form.

    [[plugins]]
    name = "roles"
    command = ["python3", "/etc/countersign/plugins/auth_plugin.py"]
    actions = ["pipelines:execute"]
    envs = ["prod"]
"""

import json
import sys


class AuthException(Exception):
    """It may not run; the message is told to whoever asked."""


class ApprovalNeeded(Exception):
    """It may run once so many people, and somebody of each of these teams, have approved it."""

    def __init__(self, reason, approvers=1, groups=()):
        super().__init__(reason)
        self.approvers = approvers
        self.groups = list(groups)


class Context:
    """What is asked, in the words of a hook."""

    def __init__(self, told):
        question = told["question"]
        self.stage = told["stage"]
        self.principal = question["principal"]
        self.action = question["action"]
        self.resources = question["resources"]
        self.env = question["env"]
        self.declared = question.get("context", {})
        self.approval = question.get("approval")
        self.answer = told["answer"]

    def user_has_role(self, role):
        """Teams are the roles that the control plane knows."""
        return role in self.principal["teams"]


def pre_execute_hook(context):
    """The rule. Whoever writes another plugin changes this alone."""
    if not context.user_has_role("approver"):
        raise AuthException("Missing approval")


def main():
    try:
        pre_execute_hook(Context(json.load(sys.stdin)))
        said = {}
    except AuthException as refused:
        said = {"outcome": "deny", "reason": str(refused)}
    except ApprovalNeeded as needed:
        said = {
            "outcome": "require_approval",
            "reason": str(needed),
            "approvers": needed.approvers,
            "groups": needed.groups,
        }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
