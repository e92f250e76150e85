// Versions and constraints: Masterminds/semver v3.

package main

import (
	"strconv"

	"github.com/Masterminds/semver/v3"
)

// judgeSemver reads a version, strictly.
func judgeSemver(asked request) answer {
	version, err := semver.StrictNewVersion(string(asked.Input))
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

// judgeConstraint reads a constraint, and matches a version with it if one is given.
func judgeConstraint(asked request) answer {
	constraint, err := semver.NewConstraint(string(asked.Input))
	if err != nil {
		return refused(err)
	}
	if asked.Version == nil {
		return ok(map[string]any{})
	}
	version, err := semver.NewVersion(*asked.Version)
	if err != nil {
		return refused(err)
	}
	return ok(map[string]any{"matches": constraint.Check(version)})
}
