import json, os, sys, types
def _boot():
    # Frames come on 0 and go on a copy of 1; what anybody prints goes to 2.
    commands, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    size = b''
    while len(size) < 8:
        part = os.read(commands, 8 - len(size))
        if not part:
            return
        size += part
    left, parts = int(size, 16), []
    while left:
        part = os.read(commands, min(left, 65536))
        if not part:
            return
        parts.append(part)
        left -= len(part)
    texts = json.loads(b''.join(parts).decode('utf-8'))
    sys.path[:] = [place for place in sys.path if place not in ('', '.')]
    modules = {}
    for name, text in texts:
        modules[name] = module = types.ModuleType('play_' + name)
        module.__file__ = '<play>/' + name + '.py'
        sys.modules['play_' + name] = module
        exec(compile(text, module.__file__, 'exec', dont_inherit=True), module.__dict__)
    modules['worker'].serve(commands, answers)
_boot()
