"""`pgolf rules`: the list of what is checked."""


def rules() -> None:
    """List the rules and how settled the law behind each is."""
    from pgolf_check.commands.written import write
    from pgolf_check.judge.registry import all_rules
    from pgolf_check.report.rule_pages import rule_list

    write([rule_list([entry.rule for entry in all_rules()])], None)
