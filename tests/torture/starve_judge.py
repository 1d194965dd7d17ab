"""What must hold after each run, whatever gave out."""
import json
import os
import re

TEMPORARY = re.compile(r'\.timele-load-[A-Za-z0-9]{6}$|\.[A-Za-z0-9]{6}$')
UNKNOWN = 'whether the rows were committed is not known'
LEFT = 'are left in schemas timele_load_building_'


def lines_of(errors):
    """(LEVEL, TEXT) of each line of standard error; LEVEL is None for what is not the program's."""
    lines = []
    for line in errors.splitlines():
        if line.startswith('{'):
            try:
                item = json.loads(line)
                # About a row; without memory it has no more than its message.
                if 'file' in item or re.match(r'\S+:\d+: ', item['message']):
                    continue
                text = ' '.join(item.get(name, '') for name in ('message', 'detail', 'hint'))
                lines.append((item['level'], text))
                continue
            except (ValueError, KeyError):
                pass
        line = re.sub(r'^\d{4}-\d\d-\d\dT[\d:.]+Z ', '', line)
        if line.startswith('timele-load: '):
            rest = line[len('timele-load: '):]
            level = rest.split(': ')[0]
            known = level in ('error', 'warning', 'detail', 'hint')
            lines.append((level if known else 'info', rest))
        else:
            lines.append((None, line))
    return lines


class Reference:
    """What a run of a scene leaves when nothing gives out."""

    def __init__(self, outcome, state, files):
        self.outcome, self.state, self.files = outcome, state, files


def files_below(directory):
    """{NAME: BYTES} of all files in the outputs' directory."""
    found = {}
    top = os.path.join(directory, 'out')
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, 'rb') as file:
                found[os.path.relpath(path, top)] = file.read()
    return found


def left_behind(directory):
    """Files under temporary names, and those in TMPDIR."""
    left = [name for name in files_below(directory) if TEMPORARY.search(name)]
    return left + ['tmp/' + name for name in os.listdir(os.path.join(directory, 'tmp'))]


def judge_message(case, outcome):
    """Of a run that failed: one error, and its true reason."""
    if 'stderr' in case.streams:
        return
    lines = lines_of(outcome.errors)
    errors = [text for level, text in lines if level == 'error']
    # Files that cannot be opened are told each, before the first one's error.
    for text in errors[:-1]:
        if 'cannot open' in text and re.search(case.reason, text):
            errors.remove(text)
    if len(errors) != 1:
        yield f'{len(errors)} error messages'
        return
    about = errors + [text for level, text in lines if level in ('detail', 'hint')]
    if len(about) > 3:
        yield f'{len(about)} lines about the error'
    if not re.search(case.reason, ' '.join(about)):
        yield f'the reason is not told: {errors[0]}'
    if 'without saying why' in errors[0]:
        yield errors[0]


def judge_outputs(case, outcome, reference, files, succeeded):
    """Complete or absent; an output that is missing after a success is told."""
    for name, content in reference.files.items():
        found = files.get(name)
        if found is None:
            told = os.path.basename(name) in outcome.errors or \
                name.split('/')[0] in outcome.errors or 'there is no report' in outcome.errors
            if succeeded and not told and 'stderr' not in case.streams:
                yield f'{name} is missing, and nobody says so'
        elif name == 'report.json':
            yield from judge_report(found, outcome)
        elif not succeeded:
            yield f'{name} is there after a failure'
        elif found.count(b'\n') != content.count(b'\n'):
            yield f'{name} is not complete'
    for name in files.keys() - reference.files.keys():
        if name != 'report.json' and not TEMPORARY.search(name):
            yield f'{name} should not be there'


def judge_report(content, outcome):
    try:
        report = json.loads(content)
    except ValueError:
        yield 'the report is not complete'
        return
    if report['exit_status'] != outcome.status:
        yield f'the report says exit status {report["exit_status"]}'


def judge_database(case, outcome, reference, database, succeeded):
    if case.scene.start is None:
        return
    left = database.backends_left()
    if left > 0:
        yield f'{left} backends are left'
    schemas = database.drop_building_schemas()
    if schemas:
        database.changed()
        if not (UNKNOWN in outcome.errors or case.may_leave and LEFT in outcome.errors):
            yield f'schemas are left: {schemas}'
    state = database.state()
    if succeeded and case.scene.changes:
        database.changed()
        if state.loose != reference.state.loose and case.judges_values:
            yield 'it says that all is loaded, and the database is not as after a load'
        return
    if state.keeps(database.before):
        # Drawn numbers would make the next comparison less strict.
        if state.sequences != database.before.sequences:
            database.changed()
        return
    database.changed()
    if UNKNOWN in outcome.errors and state.loose == reference.state.loose:
        return
    which = [name for (name, now), (_, then) in zip(state.exact, database.before.exact)
             if now != then]
    behind = [name for name in database.before.sequences
              if state.sequences.get(name, 0) < database.before.sequences[name]]
    yield f'the database has changed: {which} {behind}'


def judge(case, outcome, reference, database, directory):
    """The findings of a case, a text each."""
    findings = []
    if outcome.hung:
        findings.append('no end in time')
    if outcome.status < 0 and not outcome.hung:
        findings.append(f'ended by {outcome.name()}')
    succeeded = outcome.status in (0, case.scene.status)
    if not case.starts and outcome.status == 127:
        return findings
    if not succeeded and outcome.status >= 0:
        if outcome.status not in case.statuses and \
                not (outcome.status == 3 and UNKNOWN in outcome.errors):
            findings.append(f'exit status {outcome.status}')
        findings += judge_message(case, outcome)
    if succeeded and case.scene.status != outcome.status:
        findings.append(f'exit status {outcome.status} for a success')
    files = files_below(directory)
    if UNKNOWN not in outcome.errors:
        findings += judge_outputs(case, outcome, reference, files, succeeded)
    if not outcome.hung:
        findings += [f'left behind: {name}' for name in left_behind(directory)]
    findings += judge_database(case, outcome, reference, database, succeeded)
    return findings
