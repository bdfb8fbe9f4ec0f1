// Package mdns learns what devices announce on their own segment: multicast DNS (RFC 6762) and
// DNS-based service discovery (RFC 6763).
//
// Input is one datagram of port 5353. What leaves, about the sender: host names (SRV targets, owners
// of its own A and AAAA records, answers to reverse look-ups), the types of the services it offers
// ("_ipp._tcp.local"), and of TXT records the values of a closed list of keys that name a product:
// model, maker, versions, serial number, MAC; processor and operating system of HINFO records. Service instance names leave only in forms of makers that name the
// product or its hardware address, or where they are the host name.
//
// It keeps no state.
//
// It ignores questions and known answers (they are about others), all other service instance names and
// all other TXT keys, because people put their names there ("Ana's phone"). Records are taken as
// the sender's own; a sleep proxy that answers for others is not told apart.
//
// Text of the wire leaves as: capability mdns.hinfo_cpu; firmware mdns.txt_firmware, mdns.txt_fv, mdns.txt_fw,
// mdns.txt_fwversion; hostname mdns.address, mdns.reverse, mdns.srv_target; identifier mdns.instance,
// mdns.txt_bridgeid, mdns.txt_deviceid, mdns.txt_mac, mdns.txt_macaddress; model mdns.instance, mdns.txt_am,
// mdns.txt_devicemodel, mdns.txt_md, mdns.txt_mdl, mdns.txt_model, mdns.txt_modelid, mdns.txt_modelname,
// mdns.txt_product, mdns.txt_rpmd, mdns.txt_ty, mdns.txt_usb_mdl; os mdns.hinfo_os, mdns.txt_osvers,
// mdns.txt_osxvers, mdns.txt_ov; serial mdns.txt_serial, mdns.txt_serialnumber, mdns.txt_sn; service_offered
// mdns.service; software mdns.txt_srcvers, mdns.txt_swversion, mdns.txt_version; vendor mdns.txt_manufacturer,
// mdns.txt_mf, mdns.txt_mfg, mdns.txt_usb_mfg, mdns.txt_vendor.
package mdns
