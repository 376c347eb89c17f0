# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += sim/libplant.a
sim_libplant_a_SOURCES = sim/plant.c sim/plant.h

# A rack without hardware.
noinst_LIBRARIES += sim/librack.a
sim_librack_a_SOURCES = \
	sim/bmc.h \
	sim/rack.h
