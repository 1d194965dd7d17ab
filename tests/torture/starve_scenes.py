"""What the program is asked to do while something gives out: files, options, and what the database has
before."""
import gzip
import os
import subprocess

# A bad row, so that there is something to reject.
BAD_USER = 'x,,bad@example.org,,\n'

FILES = {
    'users.csv': 'user_id,first_name,email_address,external_user_id,last_login\n'
                 '1,Ada,ada@example.org,,2016-08-19 09:16:40+00:00\n'
                 '2,Bob,bob@example.org,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51,\n'
                 '3,Eve,eve@example.org,,\n',
    'orders.csv': 'order_id,user_id,order_number,order_dow,order_hour_of_day\n'
                  '1,1,1,0,8\n2,1,2,0,8\n3,2,1,1,9\n4,3,1,2,10\n',
    'items.csv': 'order_id,product_id,add_to_cart_order,quantity\n'
                 '1,7,1,2\n1,8,2,1\n2,7,1,1\n3,8,1,4\n1,9,3,1\n4,9,1,1\n',
    'history.csv': 'order_id,status,changed_at\n1,shipped,2016-08-21 09:00:00+00:00\n'
                   '1,pending,2016-08-19 09:00:00+00:00\n2,pending,2016-08-19 09:00:00+00:00\n',
    'products.csv': 'product_id,product_name,aisle_id,department_id\n'
                    '7,Milk,1,1\n8,Bread,2,1\n9,Beer,1,2\n',
    'enriched.csv': 'product_id,description,price\n7,fresh,2.50\n8,sliced,1e2\n',
    'aisles.csv': 'aisle_id,aisle\n1,Dairy\n2,Bakery\n',
    'departments.csv': 'department_id,department\n1,Food\n2,Drinks\n',
}

# What the files said at an earlier run.
EARLIER = {
    'users.csv': [('Ada', 'Adam'), ('eve@', 'evelyn@')],
    'orders.csv': [('2,1,2,0,8', '2,1,2,6,8'), ('4,3,1,2,10\n', '5,3,1,2,10\n')],
    'items.csv': [('1,8,2,1', '1,8,2,5'), ('4,9,1,1\n', '')],
    'history.csv': [('shipped', 'processing')],
    'products.csv': [('Milk', 'Milch')],
    'enriched.csv': [('2.50', '2.75')],
    'aisles.csv': [('Dairy', 'Milk')],
    'departments.csv': [],
}

OUTPUTS = ['--rejects=out/rejects', '--id-map=out/ids.csv', '--report=out/report.json']


class Scene:
    """One command line. `start` names the database that it begins with: bare, empty or loaded;
    None: it uses none. `large` files take long enough to fill a disk."""

    def __init__(self, name, options, start, files=None, status=0, stdin=None, changes=True):
        self.name, self.options, self.start = name, options, start
        self.files = list(FILES) if files is None else files
        self.status, self.stdin, self.changes = status, stdin, changes


def bad(names):
    return ['bad_users.csv' if name == 'users.csv' else name for name in names]


SCENES = {scene.name: scene for scene in [
    Scene('schema', ['--create-schema', '--create-api'], 'bare'),
    Scene('first', ['-v', '--log-format=json', '--verify', '--duplicates=last', '--infer=users',
                    *OUTPUTS], 'empty', bad(FILES), status=1),
    Scene('upsert', ['--mode=upsert', '--rebuild=never', *OUTPUTS], 'loaded', bad(FILES), status=1),
    Scene('replace', ['--mode=replace', '--rebuild=always', '--id-map=out/ids.csv',
                      '--report=out/report.json', '--verify=full'], 'loaded'),
    # Over several connections, one thread each.
    Scene('new-tables', ['--create-schema', '--jobs=2', '--verify', *OUTPUTS], 'bare', bad(FILES),
          status=1),
    Scene('reset', ['--reset', '--force', '--create-schema', '--create-api', '--jobs=3',
                    '--duplicates=last', '--infer=users', *OUTPUTS], 'loaded', bad(FILES), status=1),
    Scene('check', ['--check', '--rejects=out/rejects', '--report=out/report.json'], None,
          bad(FILES), status=1),
    Scene('verify', ['--verify=full', '--report=out/report.json'], 'loaded', [], changes=False),
    Scene('dry-run', ['--dry-run', '--infer=products', '--rejects=out/rejects',
                      '--report=out/report.json'], 'empty',
          ['bad_users.csv', 'orders.csv', 'items.csv'], status=1, changes=False),
    Scene('compressed', ['--skip-loaded', '--report=out/report.json'], 'empty',
          ['users.csv.gz', 'orders.csv.zst']),
    Scene('stdin', ['--rejects=out/rejects'], 'empty', ['-'], status=1, stdin='bad_users.csv'),
    Scene('large', OUTPUTS, 'empty', ['large_users.csv', 'large_orders.csv'], status=1),
    Scene('large-new-tables', ['--create-schema', '--jobs=2', *OUTPUTS], 'bare',
          ['large_users.csv', 'large_orders.csv'], status=1),
    Scene('large-stdin', [], 'empty', ['-'], stdin='many_users.csv'),
]}


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def write_large(directory):
    users = ['user_id,email_address\n']
    users += [f'{i},user{i}@example.org\n' for i in range(1, 6001)]
    write(os.path.join(directory, 'many_users.csv'), ''.join(users))
    users += [f'x,bad{i}@example.org\n' for i in range(1, 3001)]
    write(os.path.join(directory, 'large_users.csv'), ''.join(users))
    orders = ['order_id,user_id,order_number,order_dow,order_hour_of_day\n']
    orders += [f'{i},{1 + i % 6000},1,0,8\n' for i in range(1, 12001)]
    write(os.path.join(directory, 'large_orders.csv'), ''.join(orders))


def write_files(directory, earlier_directory):
    """Writes all input files, and those of the earlier run."""
    for name, text in FILES.items():
        write(os.path.join(directory, name), text)
        for now, before in EARLIER[name]:
            if now not in text:
                raise ValueError(f'{name} has no {now}')
            text = text.replace(now, before)
        write(os.path.join(earlier_directory, name), text)
    write(os.path.join(directory, 'bad_users.csv'), FILES['users.csv'] + BAD_USER)
    with gzip.open(os.path.join(directory, 'users.csv.gz'), 'wt') as file:
        file.write(FILES['users.csv'])
    subprocess.run(['zstd', '--quiet', '--force', 'orders.csv'], cwd=directory, check=True)
    write_large(directory)
