package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"satchel/server/control"
	"satchel/storage/backup"
)

// lastBackupName is a file in the data folder that says when it was last copied, for status and Prometheus: the server
// has no part in backups.
const lastBackupName = "last-backup.json"

// noteBackup notes that a run is complete.
func noteBackup(data, folder string, run *backup.Run) error {
	if abs, err := filepath.Abs(folder); err == nil {
		folder = abs
	}
	last := control.Backup{At: run.Ended, Folder: folder}
	for _, a := range run.Accounts {
		if a.Failed != "" || a.Lacks > 0 {
			last.Failed++
		}
	}
	text, err := json.Marshal(last)
	path := filepath.Join(data, lastBackupName)
	if err == nil {
		err = os.WriteFile(path+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("the backup is complete, but satchel status will not know: %w", err)
	}
	return nil
}

// lastBackup reads it: nil when there was no backup.
func lastBackup(data string) (*control.Backup, error) {
	text, err := os.ReadFile(filepath.Join(data, lastBackupName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	last := new(control.Backup)
	if err == nil {
		err = json.Unmarshal(text, last)
	}
	if err != nil {
		return nil, fmt.Errorf("when the last backup was: %w", err)
	}
	return last, nil
}

// stillThere refuses a folder that is empty now and had the last backup: nobody wants a backup in the place where a disk
// is to be mounted.
func stillThere(data, folder string) error {
	last, err := lastBackup(data)
	if last == nil || err != nil {
		return nil // it is noted anew
	}
	if abs, err := filepath.Abs(folder); err != nil || abs != last.Folder {
		return err
	}
	if entries, err := os.ReadDir(folder); len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s has nothing of the backup of %s any more: is its disk mounted? --anew begins another one there", folder, toTheMinute(last.At))
}
