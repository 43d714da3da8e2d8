package main

import "satchel/backend"

// setExtractors stores the programs for attachments, which a file has as a list of lines. All that is wrong is told.
func setExtractors(field *[]backend.Extractor, v any) error {
	var lines []string
	err := setTexts(&lines, v)
	if err == nil {
		*field, err = backend.ParseExtractors(lines)
	}
	return err
}

// extractorLines are the programs as setExtractors reads them.
func extractorLines(list []backend.Extractor) []string {
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = e.String()
	}
	return lines
}
