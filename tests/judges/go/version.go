// Versions and constraints: Masterminds/semver v3.

package main

import (
	"strconv"

	"github.com/Masterminds/semver/v3"
)

// judgeSemver parses a version strictly.
func judgeSemver(req request) answer {
	version, err := semver.StrictNewVersion(string(req.Input))
	if err != nil {
		return refused(err)
	}
	return ok(map[string]string{
		"major": strconv.FormatUint(version.Major(), 10),
		"minor": strconv.FormatUint(version.Minor(), 10),
		"patch": strconv.FormatUint(version.Patch(), 10),
		"pre":   version.Prerelease(),
		"meta":  version.Metadata(),
	})
}

// judgeConstraint parses a constraint, and matches a version against it if given.
func judgeConstraint(req request) answer {
	constraint, err := semver.NewConstraint(string(req.Input))
	if err != nil {
		return refused(err)
	}
	if req.Version == nil {
		return ok(map[string]any{})
	}
	version, err := semver.NewVersion(*req.Version)
	if err != nil {
		return refused(err)
	}
	return ok(map[string]any{"matches": constraint.Check(version)})
}
