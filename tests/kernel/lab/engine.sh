# SPDX-License-Identifier: LGPL-2.1-or-later
lab_build_engine()
{
	lab_engine_module=''
}
