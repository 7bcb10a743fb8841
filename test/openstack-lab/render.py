#!/usr/bin/python3
"""render.py SOURCE TARGET: writes every service's configuration, from conf/ and the settings in the environment.

A line `@include NAME key=value…` stands for conf/NAME.part, `${NAME}` for a setting or one of those values.
"""
import os
import sys
from pathlib import Path
from string import Template

source, target = Path(sys.argv[1]), Path(sys.argv[2])


def render(file, values):
    lines = []
    for line in Template(file.read_text()).substitute(values).splitlines():
        if line.startswith('@include '):
            _, name, *pairs = line.split()
            lines.append(render(source / 'conf' / f'{name}.part', values | dict(pair.split('=') for pair in pairs)))
        else:
            lines.append(line)
    return '\n'.join(lines)


vm = (source / 'vm/conf').glob('*.conf') if os.environ['LAB_MACHINES'] == 'vm' else []
for file in [*sorted((source / 'conf').glob('*.conf')), *vm]:
    (target / file.name).write_text(render(file, {**os.environ, 'POLICY': str(source / 'policy')}) + '\n')
