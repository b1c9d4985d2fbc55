#!/usr/bin/env python3
"""Writes made-up statements, with and without credentials, for training: `synthesize.py FOLDER`.

Values are drawn at random from a fixed seed, or composed of words of the Python standard library: no list of anybody's passwords is
used. Each line of FOLDER/true.txt holds one value that is a credential, each of FOLDER/false.txt one that is not.
"""

import collections
import pathlib
import random
import re
import string
import sys
import sysconfig

RANDOM = random.Random(20240)
LINES = 6000
PASSWORDS = """password passwd pwd db_password DB_PASSWORD userPassword adminPassword smtp_pass root_password MYSQL_ROOT_PASSWORD
passphrase keystorePassword spring.datasource.password POSTGRES_PASSWORD pass login_password Password senha passwort ftp_passwd
mail.password admin_pw SA_PASSWORD ldapPassword""".split()
KEYS = """secret client_secret clientSecret SECRET_KEY secretKey api_key apiKey API_KEY access_token accessToken auth_token token
TOKEN github_token jwt_secret JWT_SECRET session_secret cookieSecret encryption_key signing_key aws_secret_access_key app_secret
appSecret webhook_secret private_key master_key X-API-Key account_key bearer refresh_token bot_token slack_token consumer_secret
salt pepper license_key""".split()
WEAK = "key cacheKey sort_key KEY keys seed signature credentials auth authorization itemKey storageKey".split()
FORMS = ['{n} = "{v}"', "{n} = '{v}'", "{n}: '{v}',", '"{n}": "{v}",', '{n}: "{v}"', "{n}={v}", "{n}: {v}", '{n} := "{v}"', "'{n}' => '{v}',",
         'put("{n}", "{v}");', "<{n}>{v}</{n}>", '<add key="{n}" value="{v}" />', 'if ({n} == "{v}")', "{n} || '{v}'", '- name: {n}\n  value: "{v}"',
         "export {n}={v}", 'String {n} = "{v}";', 'let {n}: &str = "{v}";', "{n} = {v}", '{n}("{v}")']
SPECIAL = "!@#$%&*?+-_.^"


def stdlib_words():
    words = collections.Counter()
    for path in sorted(pathlib.Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        words.update(set(re.findall(r"\b[a-z]{3,9}\b", path.read_text(encoding="utf-8", errors="ignore"))))
    return [word for word, count in sorted(words.items()) if count >= 3]


WORDS = stdlib_words()
DUMMY = "password secret test example my your token key pass changeme dummy fake some sample foo bar value user admin invalid wrong new old default mock the".split()


def word():
    return RANDOM.choice(WORDS)


def pick(alphabet, low, high):
    return "".join(RANDOM.choice(alphabet) for _ in range(RANDOM.randint(low, high)))


def syllables():
    return "".join(RANDOM.choice("bcdfghjklmnprstvwz") + RANDOM.choice("aeiou") for _ in range(RANDOM.randint(2, 4))) + RANDOM.choice(["", "n", "s", "r", "t"])


def leet(text):
    swaps = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
    return "".join(RANDOM.choice(swaps[letter]) if letter in swaps and RANDOM.random() < 0.6 else letter for letter in text)


def human():
    base = RANDOM.choice([word, syllables])()
    year = str(RANDOM.choice([RANDOM.randint(1960, 2026), RANDOM.randint(1, 99), RANDOM.randint(100, 99999)]))
    kind = RANDOM.randrange(11)
    if kind == 10:
        return RANDOM.choice(DUMMY).capitalize() + RANDOM.choice(["", word().capitalize()]) + year + RANDOM.choice(SPECIAL)
    if kind == 0:
        return base.capitalize() + year + RANDOM.choice(SPECIAL)
    if kind == 1:
        return base + year
    if kind == 2:
        return base.capitalize() + year
    if kind == 3:
        return base + RANDOM.choice(SPECIAL) + year
    if kind == 4:
        return leet(base + syllables())
    if kind == 5:
        return base + word() + RANDOM.choice(["", "!", year])
    if kind == 6:
        return syllables() + RANDOM.choice(["", syllables(), RANDOM.choice(SPECIAL)])
    if kind == 7:
        return pick(string.ascii_lowercase, 6, 12)
    if kind == 8:
        return pick(string.ascii_letters + string.digits, 7, 14)
    return pick(string.ascii_letters + string.digits + SPECIAL, 8, 18)


def token():
    kind = RANDOM.randrange(12)
    if kind >= 10:
        return human()
    if kind <= 1:
        return pick("0123456789abcdef", 1, 1) + "".join(RANDOM.choice("0123456789abcdef") for _ in range(RANDOM.choice([15, 19, 23, 31, 31, 39, 63, 127])))
    if kind <= 3:
        return pick(string.ascii_letters + string.digits, 16, 64)
    if kind == 4:
        return pick(string.ascii_letters + string.digits + "+/", 39, 43) + "="
    if kind == 5:
        return pick(string.ascii_lowercase + string.digits, 16, 44)
    if kind == 6:
        return pick(string.ascii_letters + string.digits + "-_", 20, 60)
    if kind == 7:
        return "-".join(pick("0123456789abcdef", size, size) for size in (8, 4, 4, 4, 12))
    if kind == 8:
        return pick(string.ascii_letters + string.digits, 8, 16)
    return human() if RANDOM.random() < 0.6 else pick(string.ascii_uppercase + string.digits, 16, 32)


def identifier():
    parts = [word() for _ in range(RANDOM.randint(1, 4))]
    kind = RANDOM.randrange(6)
    if kind == 0:
        return "_".join(parts)
    if kind == 1:
        return "-".join(parts)
    if kind == 2:
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    if kind == 3:
        return "_".join(parts).upper()
    if kind == 4:
        return ".".join(parts)
    return "".join(part.capitalize() for part in parts)


def nothing(name):
    kind = RANDOM.randrange(9)
    if kind == 8:
        return identifier() + RANDOM.choice("_-:/") + "-".join(pick("0123456789abcdef", size, size) for size in (8, 4, 4, 4, 12)) + RANDOM.choice(["", "_v1", "_" + word()])
    if kind <= 2:
        return identifier()
    if kind == 3:
        return RANDOM.choice(["-", "_", ""]).join([RANDOM.choice(DUMMY), RANDOM.choice(DUMMY + [name.split("_")[-1].lower()])])
    if kind == 4:
        return RANDOM.choice([name, name.lower(), name.upper(), "my_" + name, "your-" + name, name + "_here", "test_" + name, "some-" + name])
    if kind == 5:
        return RANDOM.choice(DUMMY) + RANDOM.choice(["", "1", "2", "-1", "_value", "-id", "Id"])
    if kind == 6 and RANDOM.random() < 0.4:
        return " ".join([syllables().capitalize()] + [syllables() for _ in range(RANDOM.randint(1, 4))])
    if kind == 6:
        return " ".join([word().capitalize()] + [word() for _ in range(RANDOM.randint(1, 6))] + [RANDOM.choice(["password", "token", "key", "it"])])
    return identifier() + RANDOM.choice(["", "1", "2", "_v2", "-id", ":" + word(), "/" + word()])


def write(path, lines):
    rule = "\n" + "-" * 130 + "\n"
    path.write_text(rule.join(lines) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    true, false = [], []
    for _ in range(LINES):
        form = RANDOM.choice(FORMS)
        group = RANDOM.random()
        names = PASSWORDS if group < 0.45 else KEYS if group < 0.92 else WEAK
        name = RANDOM.choice(names)
        value = human() if names is PASSWORDS and RANDOM.random() < 0.85 else token()
        true.append(form.format(n=name, v=value))
        group = RANDOM.random()
        name = RANDOM.choice(PASSWORDS if group < 0.3 else KEYS if group < 0.7 else WEAK)
        false.append(RANDOM.choice(FORMS).format(n=name, v=nothing(name)))
    write(folder / "true.txt", true)
    write(folder / "false.txt", false)


main()
