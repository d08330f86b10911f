// Package acmcert keeps the certificate of an AWS Client VPN endpoint in AWS Certificate Manager: one, under one ARN, made anew before
// its end.
//
// The key is made here, goes into ACM and is forgotten. ACM gives no imported key back, so it is nowhere else: in no secret, state, log or
// error. Which certificate is the endpoint's stands in the register of the PKI; before a first import ACM is asked too, for one with the
// endpoint's name and tags, so that a run that was interrupted leaves nothing behind.
//
// What a caller has to be allowed: acm:ListCertificates, acm:ListTagsForCertificate, acm:ImportCertificate with
// acm:AddTagsToCertificate, acm:GetCertificate and acm:DeleteCertificate. Tags are what importing and deleting can be limited by;
// acm:GetCertificate, which tells nothing secret, has to be allowed of certificates that are gone, too.
package acmcert
