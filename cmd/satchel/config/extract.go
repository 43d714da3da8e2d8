package config

import "satchel/backend/extract"

// setExtractors stores the programs for attachments, which a file has as a list of lines. All that is wrong is told.
func setExtractors(field *[]extract.Program, v any) error {
	var lines []string
	err := setTexts(&lines, v)
	if err == nil {
		*field, err = extract.Parse(lines)
	}
	return err
}

// extractorLines are the programs as setExtractors reads them.
func extractorLines(list []extract.Program) []string {
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = e.String()
	}
	return lines
}
