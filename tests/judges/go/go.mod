module package-storage-migrate/tests/judges/go

go 1.25.0

require (
	github.com/Masterminds/semver/v3 v3.5.0
	github.com/ProtonMail/go-crypto v1.4.1
	github.com/elastic/go-ucfg v0.9.1
	gopkg.in/yaml.v2 v2.4.0
)

require (
	github.com/cloudflare/circl v1.6.2 // indirect
	github.com/kr/text v0.2.0 // indirect
	golang.org/x/crypto v0.41.0 // indirect
	golang.org/x/sys v0.35.0 // indirect
)
