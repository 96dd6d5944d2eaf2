# The vfio-user server.
$(eval $(call c_library,vfio_user,$(wildcard sim/vfio_user/*.c)))
