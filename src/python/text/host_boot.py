import os, sys
def boot(mark):
    i, o = os.dup(0), os.dup(1)
    os.write(o, ('\n%s hello\n' % mark).encode())
    def take(count):
        text = b''
        while len(text) < count:
            part = os.read(i, min(count - len(text), 65536))
            if not part:
                os._exit(0)
            text += part
        return text
    names = {'__name__': 'play_host'}
    exec(compile(take(int(take(8), 16)), '<play>/host.py', 'exec'), names)
    names['serve'](i, o)
boot(sys.argv.pop())
