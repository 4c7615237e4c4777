package plan

// GuardNames are the guards that every push asks, in the order of their
// verdicts. Teams that cannot be told apart have verdicts of their own behind
// these.
func GuardNames() []string {
	return []string{
		"removals", "memberships", "team_memberships", "promotions", "demotions", "replaced_directory", "team_removals",
		"blank_cells", "empty_directory", "shrunken_directory", "emptied_teams",
		"team_promotions", "team_demotions", "project_removals",
	}
}
