// Package awsstore keeps a PKI's objects in S3 and its secrets in Secrets Manager.
//
// What a caller has to be allowed: s3:GetObject and s3:PutObject on the objects (s3:ListBucket on the bucket too, or S3 says
// 403 instead of 404 for what is not there), and secretsmanager:GetSecretValue, CreateSecret, PutSecretValue, RestoreSecret and
// DeleteSecret on the secrets, whichever of them it uses. An error says which one is missing, and never quotes a value.
package awsstore
