#!/usr/bin/env python3
"""The tests of Python can fail: what each of them looks for is put before it here.

able.py
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import depth  # noqa: E402
import faults  # noqa: E402
import speed  # noqa: E402


class Able(unittest.TestCase):
    def test_depth_sees_a_key_that_is_left_out(self):
        self.assertEqual(depth.different({'a': 1}, {'a': 1}), [])
        self.assertEqual([path for path, _, _ in depth.different({'a': None, 'b': 1}, {'b': 1})], ['.a'])
        self.assertEqual([path for path, _, _ in depth.different({'b': [{'c': 1}]}, {'b': [{'c': 1, 'd': None}]})], ['.b[0].d'])
        # What changes each time has to be there, and of the same kind.
        self.assertEqual(depth.different({'id': 'x'}, {'id': 'y'}), [])
        self.assertEqual([path for path, _, _ in depth.different({'id': 'x'}, {})], ['.id'])
        self.assertEqual([path for path, _, _ in depth.different({'id': 'x'}, {'id': None})], ['.id'])
        # A number is no truth.
        self.assertEqual([path for path, _, _ in depth.different({'a': 1}, {'a': True})], ['.a'])

    def test_faults_sees_what_is_left_running_of_its_own_runs_only(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
            for one in (folder, other):
                os.makedirs(one + '/daemons')
            env = dict(os.environ, PLAY_TEST_DAEMONS=folder + '/daemons')
            with subprocess.Popen(['sleep', '60'], env=env) as process:
                try:
                    self.assertEqual([number for number, _ in faults.running(folder, 0)], [str(process.pid)])
                    self.assertEqual(faults.running(other, 0), [])
                    with open('%s/daemons/%d' % (folder, process.pid), 'w'):
                        pass
                    self.assertEqual(faults.running(folder, 0), [])
                finally:
                    process.kill()
            self.assertEqual(faults.running(folder, 0), [])

    def test_speed_takes_no_noise_for_a_figure(self):
        self.assertEqual(speed.ratio(2, 1), 2)
        for one, other in ((-1, 1), (1, 0), (1, -0.001)):
            with self.assertRaises(speed.Noise):
                speed.ratio(one, other)


if __name__ == '__main__':
    unittest.main()
