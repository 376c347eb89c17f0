# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack from outside.
RACK_PY_TESTS = tests/clients/test_rack.py tests/clients/test_rack_caps.py tests/clients/test_rack_fans.py \
	tests/clients/test_rack_page.py tests/clients/test_rack_prometheus.py tests/clients/test_rack_readers.py \
	tests/clients/test_rack_requests.py tests/clients/test_rack_simulated.py
TESTS += $(RACK_PY_TESTS)
EXTRA_DIST += $(RACK_PY_TESTS) tests/clients/racks.py
